import { statement } from '../../platform/db/statement.ts';
import { isVisible, showMembers } from '../shows/answer.ts';
import { jsonObject } from '../sql.ts';

void statement;
void jsonObject;
void isVisible;
void showMembers;
